FROM alpine AS build
LABEL version="1.4.2"
FROM scratch AS run
COPY --from=build /app /app
LABEL version="1.4.2"
