module Tool
  VERSION = "1.2.3".freeze
end
