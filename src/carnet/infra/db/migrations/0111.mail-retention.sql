-- Mail for nobody is forgotten after its delay.
SET LOCAL search_path = carnet;

GRANT DELETE ON unclaimed_mail TO carnet_batch;
