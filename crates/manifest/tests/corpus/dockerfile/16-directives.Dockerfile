# syntax=registry.example/dockerfile:1
# check=skip=all
# Escape = `
FROM alpine
LABEL a=1 `
  version=1.4.2
