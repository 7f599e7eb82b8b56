"""MSSanté: mail of the trust space over SMTP, in and out. It speaks mail and decides nothing."""
