package main

import (
	"github.com/icc-project/icc/plugins/instance/provider"
	"github.com/icc-project/icc/sdk/serve"
)

func main() { serve.Main(provider.New()) }
