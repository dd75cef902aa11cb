app_version = "1.0.0-rc.1+build.5"
