package main

import (
	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/serve"
)

func main() { serve.Main(buildtool.New(tool())) }
