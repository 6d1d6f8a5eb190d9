"""Who is told of an incident, when and in which words; what was told, to whom; and what rules would have told in the past."""
