# ptx with its models, for processors and NVIDIA GPUs. Build: docker build -t ptx .
# Run, cut off from every network and with nothing writable but the two folders:
#   docker run --rm --network none --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -v ptx-cache:/cache -v "$PWD/in:/in:ro" -v "$PWD/out:/out" ptx segment /in/chest.dcm --report /in/chest.txt --out /out/chest
# On a GPU add: --gpus all
FROM python:3.11-slim

WORKDIR /opt/ptx
COPY pyproject.toml requirements.txt requirements-build.txt README.md LICENSE THIRD_PARTY.md ./
COPY models models
COPY ptx_followup ptx_followup
# The default build of PyTorch for Linux brings its own CUDA libraries; it runs without a GPU as well.
# Every file that is installed must have a hash that a requirements file names; so must what builds the package,
# which pip would otherwise fetch by itself, of any version and without a hash.
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --requirement requirements.txt --requirement requirements-build.txt \
    && pip install --no-cache-dir --disable-pip-version-check --no-index --no-deps --no-build-isolation .

# The output folder must be writable by this user, or name another: docker run --user "$(id -u):$(id -g)" ...
# A new cache volume takes any user; it then serves that one alone.
RUN useradd --uid 1000 --create-home ptx \
    && install --directory --mode 1777 /cache /out
USER ptx
WORKDIR /out

# Nothing is fetched at run time, and all that is kept between runs lies on the volume.
ENV HF_HUB_OFFLINE=1 \
    PTX_HOME=/cache/ptx \
    MPLCONFIGDIR=/tmp \
    PYTHONDONTWRITEBYTECODE=1
VOLUME /cache

ENTRYPOINT ["ptx"]
CMD ["--help"]
