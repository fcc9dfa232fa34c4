#!/usr/bin/env bash
# Builds the one static program of the image.
set -euo pipefail
context=$1
cd "$context"
CGO_ENABLED=0 GOFLAGS=-mod=mod GOTOOLCHAIN=local GOWORK=off GOPROXY=off go build -trimpath -ldflags='-s -w' -o scratchtest .
