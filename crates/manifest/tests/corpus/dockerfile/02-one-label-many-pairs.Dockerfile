FROM node:22-alpine
LABEL org.opencontainers.image.title="web" \
      org.opencontainers.image.description="Builds version 9.9.9 of things" \
      org.opencontainers.image.version="1.4.2" \
      org.opencontainers.image.licenses="MIT"
