FROM alpine
LABEL org.opencontainers.image.version="v1.4.2-rc.1+5"
