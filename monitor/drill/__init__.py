"""A drill: incidents put into a copy of a case's rows, to see which monitors would fire, how soon, and what stays invisible."""
