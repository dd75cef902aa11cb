app_version="1.0.0"
	region	=	"x"
