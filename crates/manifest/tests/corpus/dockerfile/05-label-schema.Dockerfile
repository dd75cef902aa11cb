FROM scratch
LABEL org.label-schema.schema-version=1.0 org.label-schema.name=logs org.label-schema.version=7.17.6 org.opencontainers.image.version=7.17.6
