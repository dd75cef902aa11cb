FROM alpine
RUN echo "cat <<EOF" && echo $((1<<4)) && cat <<<text
LABEL version="1.4.2"
