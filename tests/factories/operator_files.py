"""The files Postfix, Dovecot and OpenDKIM read when they play an operator; filled in by `operator_mail`.

Postfix tries again after two seconds, not one: after one it may take up what its own client has not let go of yet, and
leave it alone for a minute ("skipped, still being delivered").
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.{here}
myorigin = {here}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtp_host_lookup = native
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {here}
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
relay_domains = {persons}
relay_recipient_maps =
transport_maps = inline:{{ {persons}=smtp:[127.0.0.1]:{gateway} }}
queue_run_delay = 1s
minimal_backoff_time = 2s
maximal_backoff_time = 2s
smtp_connection_cache_on_demand = no
smtp_connect_timeout = 5s
default_destination_concurrency_failed_cohort_limit = 1000
bounce_queue_lifetime = 1h
notify_classes =
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{asking}, permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, reject
smtpd_end_of_data_restrictions = check_policy_service inet:127.0.0.1:{asking}
smtpd_policy_service_timeout = 30s
smtpd_tls_cert_file = {theirs.path}
smtpd_tls_key_file = {theirs.key}
smtpd_tls_CAfile = {folder}/etc/trusted.pem
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_security_level = may
relay_clientcerts = texthash:{folder}/etc/allowed
smtp_tls_security_level = may
smtp_tls_cert_file = {theirs.path}
smtp_tls_key_file = {theirs.key}
smtp_tls_CAfile = {ours.path}
tls_random_source = dev:/dev/urandom
front_recipient_restrictions =
  check_ccert_access {{ regexp:{folder}/etc/certificates, {{ search_order = cert_fingerprint }} }},
  permit_auth_destination, reject
smtpd_milters = inet:127.0.0.1:{dkim}
milter_default_action = accept
"""

MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{bare} inet n - n - - smtpd
  -o smtpd_milters= -o smtpd_end_of_data_restrictions= -o smtpd_recipient_restrictions=permit_mynetworks,reject
127.0.0.1:{mutual} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_tls_ask_ccert=yes -o mynetworks=
  -o smtpd_client_restrictions=permit_tls_clientcerts,reject -o smtpd_tls_cert_file={ours.path}
  -o smtpd_tls_key_file={ours.key} -o smtpd_recipient_restrictions=permit_tls_clientcerts,reject
127.0.0.1:{front} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_tls_ask_ccert=yes -o mynetworks= -o smtpd_milters=
  -o smtpd_tls_cert_file={ours.path} -o smtpd_tls_key_file={ours.key}
  -o smtpd_proxy_filter=127.0.0.1:{gateway} -o smtpd_proxy_options=speed_adjust
  -o smtpd_end_of_data_restrictions= -o smtpd_relay_restrictions=permit_auth_destination,reject
  -o smtpd_recipient_restrictions=$front_recipient_restrictions
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
"""

# Postfix in front of the house: what identifies an operator is its certificate, named in a field Postfix adds
ACCESS = """\
/^([0-9A-F]{2}(:[0-9A-F]{2}){31})$/  PREPEND X-Carnet-Certificate: $1
"""

DOVECOT = """\
base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
mail_uid = 65534
mail_gid = 65534
first_valid_uid = 1
postmaster_address = postmaster@{here}
hostname = mx.{here}
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""

OPENDKIM = """\
Mode v
Socket inet:{dkim}@127.0.0.1
TestDNSData {folder}/keys.dns
AuthservID mx.{here}
InternalHosts 192.0.2.1
AlwaysAddARHeader yes
Syslog no
UserID root
RequireSafeKeys no
"""
