FROM alpine
RUN <<EOF
LABEL version="1.4.2"
