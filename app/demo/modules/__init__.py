"""The modules of a record, in the registry's JSON shape: each is written from the plan by one public function."""
