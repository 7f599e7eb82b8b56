-- Guards that let a whole write travel as one message: when one raises, everything in the message is undone.
SET LOCAL search_path = carnet;

-- Raises unless the space is open and the software (if any) active; holds the rights row still until commit.
CREATE FUNCTION assert_feedable(space uuid, client text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM authz a WHERE a.space_id = space AND a.state IN ('OPEN', 'ACTIVE') FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'space not open' USING ERRCODE = 'CN001';
  END IF;
  IF client IS NOT NULL THEN
    PERFORM 1 FROM care_software s WHERE s.client_id = client AND s.status = 'active';
    IF NOT FOUND THEN
      RAISE EXCEPTION 'software not active' USING ERRCODE = 'CN002';
    END IF;
  END IF;
END $$;

-- Raises unless the statement before touched one row: somebody else changed the document meanwhile.
CREATE FUNCTION assert_current(space uuid, document uuid, expected integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM document d WHERE d.space_id = space AND d.document_id = document AND d.status = 'current'
    AND d.resource_version = expected FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'document changed meanwhile' USING ERRCODE = 'CN003';
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION assert_feedable(uuid, text), assert_current(uuid, uuid, integer) TO carnet_app;
