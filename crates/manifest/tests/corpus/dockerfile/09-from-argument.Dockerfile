FROM alpine
ARG BUILD_VERSION
LABEL org.opencontainers.image.revision=${BUILD_REF} \
    org.opencontainers.image.version=${BUILD_VERSION}
