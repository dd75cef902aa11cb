FROM alpine
LABEL one=1 \
	version="1.4.2" \
	last="yes" \
