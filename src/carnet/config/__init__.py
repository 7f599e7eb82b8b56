"""The composition root: settings, application, wiring of events to handlers, schedules, command line."""
