"""The fixtures of test/http: the extension in a database of its own, and real shims on it."""

import importlib.util
import pathlib
import sys

HTTP = pathlib.Path(__file__).resolve().parent.parent / "http"
sys.path.insert(0, str(HTTP))
spec = importlib.util.spec_from_file_location("http_conftest", HTTP / "conftest.py")
http_conftest = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = http_conftest
spec.loader.exec_module(http_conftest)

database = http_conftest.database
shim_dsn = http_conftest.shim_dsn
shim_log = http_conftest.shim_log
base_url = http_conftest.base_url
start_shim = http_conftest.start_shim
make_tenant = http_conftest.make_tenant
