"""A profile store: what is kept of production when its rows are gone, partition by partition."""
