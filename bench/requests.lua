-- Requests of a plan folder, in turn: paths, headers, bodies with marks for a running number (see bench/load.py).
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local plan, method, count, number
local paths, headers, bodies, cookies = {}, {}, {}, {}

local function base64(text) -- of a length that three divides
  local out = {}
  for place = 1, #text, 3 do
    local a, b, c = text:byte(place, place + 2)
    local whole = a * 65536 + b * 256 + c
    for _, shift in ipairs({262144, 4096, 64, 1}) do
      local index = math.floor(whole / shift) % 64 + 1
      out[#out + 1] = alphabet:sub(index, index)
    end
  end
  return table.concat(out)
end

local function pieces(text) -- {text, mark, text, mark, …}
  local found, from = {}, 1
  while true do
    local at = text:find("\1", from, true)
    if not at then break end
    found[#found + 1] = text:sub(from, at - 1)
    found[#found + 1] = text:sub(at + 1, at + 1)
    from = at + 2
  end
  found[#found + 1] = text:sub(from)
  return found
end

function init(args)
  plan, method, count, number = args[1], args[2], tonumber(args[3]), tonumber(args[4])
  for line in io.lines(plan .. "/paths") do paths[#paths + 1] = line end
  for line in io.lines(plan .. "/headers") do
    local name, value = line:match("^(.-): (.*)$")
    headers[name] = value
  end
  for line in io.lines(plan .. "/cookies") do cookies[#cookies + 1] = line end
  for place = 0, count - 1 do
    local file = io.open(plan .. "/body-" .. place, "rb")
    bodies[#bodies + 1] = pieces(file:read("*a"))
    file:close()
  end
end

function request()
  local path = paths[number % #paths + 1]
  local body = nil
  if #bodies > 0 then
    local template, out = bodies[number % #bodies + 1], {}
    local digits = string.format("%012d", number)
    local encoded = base64(digits)
    for place, piece in ipairs(template) do
      if place % 2 == 1 then out[place] = piece else out[place] = piece == "N" and digits or encoded end
    end
    body = table.concat(out)
  end
  if #cookies > 0 then headers["Cookie"] = cookies[number % #cookies + 1] end
  number = number + 1
  return wrk.format(method, path, headers, body)
end

function done(summary, latency, _)
  local errors = summary.errors
  local failures = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, failures, summary.duration,
    latency:percentile(50), latency:percentile(99)))
end
