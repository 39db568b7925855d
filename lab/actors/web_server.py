"""A web server over TLS (nginx) with a certificate of its own."""

import os
import subprocess
from pathlib import Path

from common import ARGUMENTS

scratch = Path(ARGUMENTS["scratch"])
name = ARGUMENTS["name"]
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", f"/O={ARGUMENTS['plant']}/CN={name}.{ARGUMENTS['plant']}.lab",
     "-keyout", str(scratch / "key.pem"), "-out", str(scratch / "cert.pem")],
    check=True, capture_output=True,
)
config = scratch / "nginx.conf"
config.write_text(
    f"""user root;
worker_processes 1;
daemon off;
pid {scratch}/nginx.pid;
error_log {scratch}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {scratch}/body;
  proxy_temp_path {scratch}/proxy;
  fastcgi_temp_path {scratch}/fastcgi;
  uwsgi_temp_path {scratch}/uwsgi;
  scgi_temp_path {scratch}/scgi;
  server {{
    listen 0.0.0.0:443 ssl;
    ssl_certificate {scratch}/cert.pem;
    ssl_certificate_key {scratch}/key.pem;
    location / {{ default_type text/plain; return 200 "{name}\\n"; }}
  }}
}}
"""
)
os.execv("/usr/sbin/nginx", ["nginx", "-c", str(config), "-e", str(scratch / "error.log")])
