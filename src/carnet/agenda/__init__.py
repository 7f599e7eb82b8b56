"""The agenda of a space: appointments and reminders its person, or who acts for them, writes down. Books nothing."""
