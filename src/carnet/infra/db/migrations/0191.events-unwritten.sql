-- procrastinate writes a line of history for each job that is made, beside those for begun and failed ones, which say
-- when it died. Nobody reads when one was made: the event it carries has its time. A third of what an event costs.
SET LOCAL search_path = jobs;

DROP TRIGGER procrastinate_trigger_status_events_insert_v1 ON procrastinate_jobs;
