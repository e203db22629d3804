"""What every page shares: rendering, assets, security headers, error pages, request logging."""
