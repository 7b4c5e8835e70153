# The platform in a container. Written and reviewed where no container engine was at hand: it has not been built or run there.

# The native library, against the libtorch of the system it will run on.
FROM debian:bookworm AS native
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libtorch-dev libopenblas0-pthread libvips-dev cmake g++ pkg-config
WORKDIR /src
COPY src/native src/native
RUN cmake -S src/native -B build/native -DCMAKE_BUILD_TYPE=Release && cmake --build build/native -j "$(nproc)"

# The program, with its runtime, so that the last stage needs none.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS program
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nodejs npm
WORKDIR /src
COPY . .
COPY --from=native /src/build/native build/native
RUN dotnet publish src/NasPlatform.Web -c Release -r linux-x64 --self-contained -o /app \
 && npm install --no-audit --no-fund --ignore-scripts --prefix /app/build onnxruntime-node@1.30

FROM debian:bookworm
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates libssl3 libtorch1.13 libopenblas0-pthread libvips42 nodejs dataset-fashion-mnist \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home nas && mkdir /data && chown nas /data
COPY --from=program /app /app
USER nas
WORKDIR /app
ENV NAS_DATA=/data OPENBLAS_NUM_THREADS=1
VOLUME /data
EXPOSE 5080
ENTRYPOINT ["./nas"]
CMD ["serve", "--urls", "http://0.0.0.0:5080"]
