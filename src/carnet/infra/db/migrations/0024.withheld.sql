-- What the person must not be told of yet: documents to be announced (INVISIBLE_PATIENT). Their journal reads it.
SET LOCAL search_path = carnet;

CREATE VIEW withheld_document WITH (security_invoker = true) AS
  SELECT space_id, document_id FROM document WHERE invisible_patient;
GRANT SELECT ON withheld_document TO carnet_app;
