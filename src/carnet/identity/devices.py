"""A word for the browser a session was opened from: enough to recognise one's own, too coarse for a fingerprint."""

_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "SamsungBrowser": "Samsung",
    "Chromium": "Chromium",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_READ = 512


def device_label(user_agent: str) -> str:
    """Return "Firefox, Windows", "Safari, iPhone", one of the two, or "" when nothing is recognised."""
    read = user_agent[:_READ]
    browser = next((name for mark, name in _BROWSERS.items() if mark in read), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in read), "")
    return ", ".join(part for part in (browser, system) if part)
