"""What Driftscope costs and how often it is wrong, measured beside a floor and beside the peers' rules."""
