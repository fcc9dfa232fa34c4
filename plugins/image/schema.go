package main

import "encoding/json"

func configSchema() json.RawMessage { return nil }

func outputsSchema() json.RawMessage { return nil }
