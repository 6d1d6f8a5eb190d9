"""What could be done about an incident, each way tried on its rows: what it would have brought, and what that assumes."""
