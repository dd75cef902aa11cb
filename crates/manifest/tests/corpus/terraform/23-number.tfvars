app_version = 1.0
