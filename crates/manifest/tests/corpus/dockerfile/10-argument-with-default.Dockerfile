ARG VERSION=1.4.2
FROM alpine
ARG VERSION
ENV VERSION=${VERSION}
LABEL org.opencontainers.image.version="${VERSION}"
