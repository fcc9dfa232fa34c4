module github.com/icc-project/icc/test/testbed/images/scratchtest

go 1.24
