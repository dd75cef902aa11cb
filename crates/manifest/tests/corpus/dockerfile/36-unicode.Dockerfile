FROM alpine
LABEL title="Über 日本" version="1.4.2" note="✓"
