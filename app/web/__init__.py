"""Code that every page shares: rendering, assets, security headers, the open database, limits and telemetry."""
