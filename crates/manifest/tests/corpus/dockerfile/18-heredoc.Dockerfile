FROM alpine
RUN <<EOF cat > /Dockerfile
LABEL version="9.9.9"
FROM other
EOF
LABEL version="1.4.2"
