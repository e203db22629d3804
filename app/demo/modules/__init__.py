"""The modules of a record in the registry's JSON shape. One public function writes each of them from the plan."""
