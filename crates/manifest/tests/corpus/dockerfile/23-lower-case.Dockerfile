from alpine
label version="1.4.2"
cmd ["sh"]
