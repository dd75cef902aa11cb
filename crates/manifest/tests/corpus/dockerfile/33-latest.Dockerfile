FROM alpine
LABEL version="latest"
