FROM alpine
COPY <<-"ONE" <<'TWO' /etc/
	LABEL version="9.9.9"
	ONE
LABEL version="8.8.8"
TWO
LABEL version="1.4.2"
