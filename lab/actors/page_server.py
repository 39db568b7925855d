"""A configuration page without TLS (nginx), behind a name and a password that HTTP sends as they are."""

import os
import subprocess
from pathlib import Path

from common import ARGUMENTS

scratch = Path(ARGUMENTS["scratch"])
secret = subprocess.run(["openssl", "passwd", "-apr1", ARGUMENTS["password"]], check=True, capture_output=True, text=True).stdout.strip()
users = scratch / "users"
users.write_text(f"{ARGUMENTS['user']}:{secret}\n")
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
    listen 0.0.0.0:80;
    auth_basic "settings";
    auth_basic_user_file {users};
    location / {{ default_type text/plain; return 200 "{ARGUMENTS['name']}\\n"; }}
  }}
}}
"""
)
os.execv("/usr/sbin/nginx", ["nginx", "-c", str(config), "-e", str(scratch / "error.log")])
