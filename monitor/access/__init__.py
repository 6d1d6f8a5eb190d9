"""Who may reach the screens when they are served to more than one machine: sign-in, roles, cases, and the log of changes."""

from monitor.access.audit import Log
from monitor.access.exposure import check_exposure, local, public_host
from monitor.access.people import Person, person_of, sees
from monitor.access.settings import SERVER, ServerSettings, server_settings

__all__ = ["SERVER", "Log", "Person", "ServerSettings", "check_exposure", "local", "person_of", "public_host", "sees", "server_settings"]
