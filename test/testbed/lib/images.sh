# shellcheck shell=bash
bed_images() { fail "not yet"; }
