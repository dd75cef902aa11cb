FROM alpine
LABEL org.label-schema.version=""
LABEL version=1.4.2
LABEL org.opencontainers.image.version=1.4.2
